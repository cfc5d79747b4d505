import type { ReactNode } from 'react'
import { preload } from 'react-dom'
import { Frame } from '../../frame/frame.tsx'

/** What the frame asks first, word for word as the client of tRPC will: the answer is there when the script is. */
const whoLooks = `/api/trpc/session.me?batch=1&input=${encodeURIComponent('{"0":{}}')}`

/** Pages of somebody who is signed in. */
export default function AppLayout({ children }: { children: ReactNode }) {
  preload(whoLooks, { as: 'fetch', crossOrigin: 'anonymous' })
  return <Frame>{children}</Frame>
}
