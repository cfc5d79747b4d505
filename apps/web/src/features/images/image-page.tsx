'use client'

/** One image. */
export function ImagePage() {
  return <div className="p-6">{null}</div>
}
