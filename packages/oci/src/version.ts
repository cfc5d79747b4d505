/** Whether a version such as `6.1.0-13-amd64` or `1.1.5+ds1` is that of `5.12` or later, by its first two numbers. */
export function isAtLeast(version: string, wanted: string): boolean {
  const numbers = (text: string) => (/^(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number)
  const [major = 0, minor = 0] = numbers(version)
  const [wantedMajor = 0, wantedMinor = 0] = numbers(wanted)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}
