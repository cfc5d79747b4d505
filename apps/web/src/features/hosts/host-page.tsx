'use client'

/** One host. */
export function HostPage() {
  return <div className="p-6">{null}</div>
}
