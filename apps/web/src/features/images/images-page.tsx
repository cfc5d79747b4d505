'use client'

/** Every image of every host. */
export function ImagesPage() {
  return <div className="p-6">{null}</div>
}
