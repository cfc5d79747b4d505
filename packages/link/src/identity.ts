import { createHash, generateKeyPair, type KeyObject, randomBytes, sign, type X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { der, tag } from './der.ts'

/** Who one side of a link is: a key, and a certificate that only carries it. Nothing but the key is trusted. */
export interface Identity {
  readonly certPem: string
  /** PKCS #8; a secret. */
  readonly keyPem: string
  /** sha256 of the public key (SPKI), 64 hex digits. This is what the other side pins. */
  readonly fingerprint: string
}

/** `id-Ed25519`, RFC 8410: the algorithm has no parameters. */
const ed25519 = der(tag.sequence, der(tag.oid, Buffer.from([0x2b, 0x65, 0x70])))
/** `id-at-commonName`, 2.5.4.3. */
const commonName = der(tag.oid, Buffer.from([0x55, 0x04, 0x03]))

/**
 * Makes an Ed25519 key and a self-signed certificate (RFC 5280) for it. `name` is for people who look at the certificate
 * and is cut to 64 characters. It never expires: the key is pinned, and a new key is a new identity.
 */
export async function createIdentity(name: string): Promise<Identity> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ed25519')
  const subject = der(
    tag.sequence,
    der(tag.set, der(tag.sequence, commonName, der(tag.utf8, Buffer.from(name.slice(0, 64))))),
  )
  const validity = der(
    tag.sequence,
    der(tag.utcTime, Buffer.from('000101000000Z')),
    der(tag.generalizedTime, Buffer.from('99991231235959Z')),
  )
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const serial = randomBytes(16)
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0) // positive, and no leading zero
  const unsigned = der(
    tag.sequence,
    der(tag.context0, der(tag.integer, Buffer.from([2]))), // version 3
    der(tag.integer, serial),
    ed25519,
    subject, // issuer
    validity,
    subject,
    spki,
  )
  const signature = der(tag.bitString, Buffer.from([0]), sign(null, unsigned, privateKey))
  const certificate = der(tag.sequence, unsigned, ed25519, signature)
  return {
    certPem: pem('CERTIFICATE', certificate),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint: fingerprintOf(publicKey),
  }
}

/** sha256 of the public key as SPKI, hex. */
export function fingerprintOf(key: KeyObject | X509Certificate): string {
  const publicKey = 'publicKey' in key ? key.publicKey : key
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
