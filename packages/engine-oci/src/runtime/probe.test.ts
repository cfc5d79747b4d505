import { describe, expect, it } from 'vitest'
import { parseVersion, vulnerability } from './probe.ts'
import { runtimeError } from './runc.ts'

describe('versions of runtimes', () => {
  it('are read as each prints them', () => {
    expect(parseVersion('runc version 1.1.5+ds1\ncommit: 1.1.5\nspec: 1.0.2-dev\n')).toBe('1.1.5+ds1')
    expect(parseVersion('crun version 1.8.1\ncommit: f8a096be\n')).toBe('1.8.1')
    expect(parseVersion('runsc version release-20240101.0\nspec: 1.1.0-rc.1\n')).toBe('20240101.0')
    expect(parseVersion('nothing')).toBeNull()
  })

  it('with known holes are named, those mended in their own line are not', () => {
    expect(vulnerability('1.1.5+ds1')).toMatch(/CVE-2024-21626.*CVE-2025-31133.*package may hold the fix/)
    expect(vulnerability('1.1.12')).toMatch(/^Upstream runc 1\.1\.12 has CVE-2025-31133/)
    expect(vulnerability('1.2.7')).toMatch(/CVE-2025-31133/)
    expect(vulnerability('1.2.7')).not.toMatch(/21626/)
    for (const good of ['1.2.8', '1.3.3', '1.4.0', '2.0.0']) expect(vulnerability(good)).toBeUndefined()
    expect(vulnerability('unknown')).toBeUndefined()
  })
})

describe("the runtime's words", () => {
  it.each([
    ['exec: "/nope": stat /nope: no such file or directory: unknown', 'INVALID_ARGUMENT', /no program "\/nope"/],
    ['exec: "nope": executable file not found in $PATH', 'INVALID_ARGUMENT', /no program "nope"/],
    ['exec: "/etc": permission denied', 'INVALID_ARGUMENT', /execute permission/],
    ['write /run/x: no space left on device', 'RESOURCE_EXHAUSTED', /disk is full/],
    ['something new', 'INTERNAL', /something new/],
  ])('%s', (message, code, advice) => {
    const line = JSON.stringify({
      level: 'error',
      msg: `runc create failed: unable to start container process: ${message}`,
    })
    expect(runtimeError(line)).toMatchObject({ code, message: expect.stringMatching(advice) as string })
  })
})
