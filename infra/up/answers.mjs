import { request } from 'node:http'
import { connect } from 'node:net'
import { isLoopback } from '../../packages/launch/src/settings.mjs'

/**
 * How the control plane says that it is: well, or that it runs and waits for its database.
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @returns {Promise<'well' | 'waiting' | 'silent'>}
 */
export async function healthOf({ port, listen, publicUrl }) {
  const url = new URL(publicUrl)
  const { request: ask } = isLoopback(listen) ? { request } : await import('node:https')
  const host = listen === '0.0.0.0' || listen === '::' ? '127.0.0.1' : listen
  return new Promise((resolve) => {
    const asked = ask(
      // The certificate may be one of the platform's own; nothing but a yes is taken from the answer.
      { host, port, path: '/healthz', headers: { host: url.host }, timeout: 2000, rejectUnauthorized: false },
      (response) => {
        let text = ''
        response.on('data', (/** @type {Buffer} */ chunk) => (text = (text + chunk.toString()).slice(0, 1000)))
        response.once('error', () => resolve('silent'))
        response.once('end', () => {
          if (response.statusCode === 200) resolve('well')
          else resolve(text.includes('"waitsFor":"database"') ? 'waiting' : 'silent')
        })
      },
    )
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve('silent'))
    asked.end()
  })
}

/**
 * Whether somebody listens on a unix socket; its file alone may be a dead process's.
 * @param {string} path
 * @returns {Promise<boolean>}
 */
export function isListening(path) {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (/** @type {boolean} */ answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(2000, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
