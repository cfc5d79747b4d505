import { Duplex } from 'node:stream'

type Done = (error?: Error | null) => void

/**
 * A plain duplex around a TLS socket, with backpressure both ways: handed to http2 directly, a TLS socket that lies in
 * another duplex crashes Node 20. The carrier is destroyed with it.
 */
export function wrapDuplex(inner: Duplex, carrier: Duplex): Duplex {
  return new Wrapped(inner, carrier)
}

class Wrapped extends Duplex {
  readonly #inner: Duplex
  readonly #carrier: Duplex

  constructor(inner: Duplex, carrier: Duplex) {
    super({ allowHalfOpen: false })
    this.#inner = inner
    this.#carrier = carrier
    inner.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inner.pause()
    })
    inner.on('end', () => this.push(null))
    inner.on('error', (error) => this.destroy(isLateFarewell(error) ? undefined : error))
    inner.on('close', () => this.destroy())
    carrier.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#inner.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#inner.write(chunk, (error) => done(error ?? null))
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done)
  }

  override _final(done: Done): void {
    this.#inner.end()
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#inner.destroy()
    this.#carrier.destroy()
    done(error)
  }
}

/** TLS says goodbye also where the carrier has ended already: that is an end, not a failure. */
function isLateFarewell(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_STREAM_WRITE_AFTER_END'
}
