/** What stands where a secret was, in every answer; the value itself stays on its host. */
export const hiddenSecret = '[redacted]'
