'use client'

/** The way in. */
export function SignInPage() {
  return <div className="p-6">{null}</div>
}
