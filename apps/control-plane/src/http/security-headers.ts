import type { ServerResponse } from 'node:http'

/** For every answer, whatever it is. A page's own policy replaces the strict one here. */
export function setSecurityHeaders(response: ServerResponse, secure: boolean): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  response.setHeader('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  if (secure) response.setHeader('strict-transport-security', 'max-age=31536000')
}

/** A page's policy: its own inline scripts by hash, styles made at run time by this answer's nonce, nothing else inline. */
export function pagePolicy(scriptHashes: readonly string[], nonce: string): string {
  const scripts = ["'self'", ...scriptHashes.map((hash) => `'sha256-${hash}'`)].join(' ')
  return [
    "default-src 'none'",
    `script-src ${scripts}`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    'report-uri /api/csp-report',
  ].join('; ')
}
