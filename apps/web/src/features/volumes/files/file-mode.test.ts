import { expect, it } from 'vitest'
import { modeText } from './file-mode.ts'

it('writes permission bits as ls does', () => {
  expect(modeText(0o644, 'file')).toBe('-rw-r--r--')
  expect(modeText(0o755, 'folder')).toBe('drwxr-xr-x')
  expect(modeText(0o1777, 'folder')).toBe('drwxrwxrwt')
  expect(modeText(0o4755, 'file')).toBe('-rwsr-xr-x')
  expect(modeText(0o2640, 'file')).toBe('-rw-r-S---')
})
