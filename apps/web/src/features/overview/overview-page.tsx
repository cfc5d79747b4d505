'use client'

/** What is wrong, what changed, what is in use. */
export function OverviewPage() {
  return <div className="p-6">{null}</div>
}
