import { Skeleton } from '@flotilla/ui'
import type { ReactNode } from 'react'
import { Logo } from './logo.tsx'

/** The frame of pages outside the frame: before one is signed in, and where there is no such page. */
export function Entry({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex h-dvh flex-col items-center overflow-y-auto px-4 pt-[max(3rem,16vh)] pb-8">
      <div className="w-full max-w-88">
        <Logo className="size-8" />
        <h1 className="mt-5 text-xl font-semibold tracking-tight">{title}</h1>
        <div className="mt-5">{children}</div>
      </div>
    </main>
  )
}

/** As it is exported and first painted: nothing may be typed into it before there is a script to send it well. */
export function EntrySkeleton({ title }: { title: string }) {
  return (
    <Entry title={title}>
      <Skeleton className="h-64" />
    </Entry>
  )
}
