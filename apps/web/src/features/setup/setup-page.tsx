'use client'

/** The first owner. */
export function SetupPage() {
  return <div className="p-6">{null}</div>
}
