'use client'

import { Button, Menu, MenuRadio } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { ChevronDown, Server } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { useGo } from '../navigation/leave-guard.ts'
import { useTrpc } from '../data/trpc.ts'
import { firstScopedList, inScope, isScopedList } from '../navigation/scope.ts'
import { useUrlState } from '../navigation/url-state.ts'

const all = '*'

/** All hosts, or one: kept in the address and carried from list to list. */
export function ScopeMenu() {
  const t = useTranslations('frame')
  const trpc = useTrpc()
  const url = useUrlState()
  const go = useGo()
  const pathname = usePathname()
  const hosts = useQuery(trpc.hosts.list.queryOptions({})).data ?? []
  const current = url.get('host')
  if (hosts.length < 2 && current === '') return null
  const name = current === '' ? t('allHosts') : (hosts.find((host) => host.id === current)?.name ?? current)
  const choose = (value: string) => {
    const host = value === all ? null : value
    if (isScopedList(pathname)) url.set({ host })
    else go(host === null ? firstScopedList : inScope(firstScopedList, host))
  }
  return (
    <Menu
      align="end"
      trigger={
        <Button kind="ghost" aria-label={t('scope', { name })} className="max-w-40 px-2">
          <Server />
          <span className="hidden truncate sm:inline">{name}</span>
          <ChevronDown className="text-faint" />
        </Button>
      }
    >
      <MenuRadio
        value={current === '' ? all : current}
        onChange={choose}
        options={[{ value: all, label: t('allHosts') }, ...hosts.map((host) => ({ value: host.id, label: host.name }))]}
      />
    </Menu>
  )
}
