'use client'

import type { Permission } from '@flotilla/protocol'
import { createContext, useContext, type ReactNode } from 'react'
import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '@flotilla/api/client'

export type Me = inferRouterOutputs<AppRouter>['session']['me']

const Context = createContext<Me | null>(null)

export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  return <Context.Provider value={me}>{children}</Context.Provider>
}

/** Who is signed in, and what they may. Only below the frame of a signed-in page. */
export function useSession(): { me: Me; can: (permission: Permission) => boolean } {
  const me = useContext(Context)
  if (me === null) throw new Error('useSession is used outside a signed-in page')
  return { me, can: (permission) => me.permissions.includes(permission) }
}
