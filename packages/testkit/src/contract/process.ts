import { expect } from 'vitest'
import { codeOf, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

/** What a container's first process is given, and whom one finds by what. */
export const process: Topic = (test) => {
  test('finds nothing by fewer than twelve digits of an id', ['containers.create'], async (kit) => {
    const { containers, images } = kit.engine
    const { id, imageId } = await kit.create(sleeper)
    const short = id.slice(0, 11)
    expect(await codeOf(containers.remove({ id: short, force: true }, scope))).toBe('NOT_FOUND')
    expect(await codeOf(containers.kill({ id: short }, scope))).toBe('NOT_FOUND')
    expect((await kit.inspect(id.slice(0, 12))).id).toBe(id)
    const digits = imageId.replace('sha256:', '')
    for (const ref of [digits.slice(0, 11), `sha256:${digits.slice(0, 11)}`]) {
      expect(await codeOf(images.remove({ id: ref }, scope))).toBe('NOT_FOUND')
    }
    expect((await images.inspect({ id: digits.slice(0, 12) }, scope)).image.id).toBe(imageId)
  })

  test('takes env, user, folder and host name', ['containers.create'], async (kit) => {
    const more = { env: { FOO: 'b a r' }, user: '1234:1234', workingDir: '/tmp', hostname: 'contract' }
    const { out } = await kit.run('echo "$FOO"; id -u; id -g; pwd; hostname', more)
    expect(out).toEqual(['b a r', '1234', '1234', '/tmp', 'contract'])
  })

  test('runs on a terminal where that was asked, else on pipes', ['containers.create'], async (kit) => {
    const script = 'if [ -t 1 ]; then echo terminal; else echo pipe; fi'
    expect((await kit.run(script, { tty: true })).out).toEqual(['terminal'])
    expect((await kit.run(script)).out).toEqual(['pipe'])
  })

  test('lets every user ping', ['containers.create.mounts.bind'], async (kit) => {
    const { lent, ping } = kit.host.look
    expect((await kit.run(ping('127.0.0.1'), { user: '1234', mounts: lent })).out).toEqual(['answered'])
  })

  test('runs and ends what the image wants stopped by an unknown signal', ['containers.create.pull'], async (kit) => {
    const { id } = await kit.start(sleeper, { image: kit.subject.volumesImage, pull: 'missing' })
    const { container } = await kit.engine.containers.stop({ id, timeoutSeconds: 1 }, scope)
    expect(container.state).toBe('exited')
    await kit.engine.containers.remove({ id, volumes: true }, scope)
  })

  test('refuses a user whom the image does not know', ['containers.create'], async (kit) => {
    expect(await codeOf(kit.start('true', { user: 'nobody-knows-them' }))).toBe('INVALID_ARGUMENT')
  })
}
