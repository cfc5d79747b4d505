/** EDQUOT, for which Node has no name. */
const fullQuota = -122

/** Whether a write failed because the disk, or the quota of whoever writes, is full. */
export function isNoSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errno } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' || errno === fullQuota
}

/** The same of what a program says, also in tar's words for a write that the disk took a part of. */
export function isDiskFull(words: string): boolean {
  return /No space left on device|Disk quota exceeded|ENOSPC|Wrote only \d+ of \d+ bytes/.test(words)
}
