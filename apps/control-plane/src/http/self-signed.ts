import { generateKeyPair, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'

const sequence = 0x30
const set = 0x31
const oid = 0x06
const octets = 0x04

/** One DER element. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const ecdsaWithSha256 = der(sequence, der(oid, Buffer.from('2a8648ce3d040302', 'hex')))
const commonName = der(oid, Buffer.from('550403', 'hex'))
const subjectAltName = der(oid, Buffer.from('551d11', 'hex'))

/**
 * A P-256 key and a self-signed certificate (RFC 5280) for these names, which browsers ask about once. Valid from `now`
 * for ten years.
 */
export async function selfSigned(names: readonly string[], now = new Date()): Promise<{ cert: string; key: string }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' })
  const subject = der(sequence, der(set, der(sequence, commonName, der(0x0c, Buffer.from('Flotilla')))))
  const end = new Date(now)
  end.setUTCFullYear(end.getUTCFullYear() + 10)
  const serial = randomBytes(16)
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0) // positive, and no leading zero
  const unsigned = der(
    sequence,
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    ecdsaWithSha256,
    subject,
    der(sequence, time(now), time(end)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(sequence, der(sequence, subjectAltName, der(octets, der(sequence, ...names.map(generalName)))))),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', unsigned, privateKey))
  return {
    cert: pem('CERTIFICATE', der(sequence, unsigned, ecdsaWithSha256, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function generalName(name: string): Buffer {
  const parts = name.split('.').map(Number)
  const isV4 = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256)
  return isV4 ? der(0x87, Buffer.from(parts)) : der(0x82, Buffer.from(name.replace(/[^\x21-\x7e]/g, '')))
}

/** UTCTime, as RFC 5280 wants it until 2049. */
function time(at: Date): Buffer {
  return der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
