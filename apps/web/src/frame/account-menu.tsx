'use client'

import { Button, cn, Menu, MenuItem, MenuLabel, MenuRadio, MenuSeparator, toast } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { KeyRound, LogOut, Users } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { signOut } from '../data/auth.ts'
import { lazily } from '../data/lazily.ts'
import { DialogPart } from '../data/part.tsx'
import { useErrorText } from '../data/error-note.tsx'
import { useSession } from '../data/session.tsx'
import { useTrpc } from '../data/trpc.ts'
import { setTheme, themes, useTheme, type Theme } from '../theme/theme.ts'

const ApiKeysDialog = lazily(() =>
  import('../features/api-keys/api-keys-dialog.tsx').then((module) => module.ApiKeysDialog),
)

const PeopleDialog = lazily(() => import('../features/people/people-dialog.tsx').then((module) => module.PeopleDialog))

/** Who one is, the others, one's keys, the theme, the way out. */
export function AccountMenu({ narrow }: { narrow: boolean }) {
  const t = useTranslations('account')
  const roles = useTranslations('roles')
  const { me, can } = useSession()
  const { chosen } = useTheme()
  const trpc = useTrpc()
  const queryClient = useQueryClient()
  const errorText = useErrorText()
  const leave = async () => {
    try {
      await signOut()
      await queryClient.invalidateQueries({ queryKey: trpc.session.me.pathKey() }) // the frame leads to the sign-in page
    } catch (error) {
      toast('bad', t('signOutFailed'), errorText(error))
    }
  }
  const initial = me.user.name.trim().slice(0, 1).toUpperCase()
  const [shown, setShown] = useState<'people' | 'keys' | null>(null)
  const close = () => setShown(null)
  return (
    <>
      {shown === null ? null : (
        <DialogPart onClose={close}>
          {shown === 'keys' ? <ApiKeysDialog onClose={close} /> : <PeopleDialog onClose={close} />}
        </DialogPart>
      )}
      <Menu
        trigger={
          <Button kind="ghost" className={cn('min-w-0 flex-1 justify-start px-1.5', narrow && 'justify-center px-0')}>
            <span
              aria-hidden
              className="flex size-5 shrink-0 items-center justify-center rounded-full bg-accent/20 text-xs font-semibold text-fg"
            >
              {initial}
            </span>
            <span className={cn('truncate', narrow && 'sr-only')}>{me.user.name}</span>
            <span className="sr-only">{t('menu')}</span>
          </Button>
        }
      >
        <div className="px-2 py-1.5 text-sm">
          <p className="font-medium">{me.user.name}</p>
          <p className="text-xs text-muted">{me.user.email}</p>
          <p className="mt-1 text-xs text-faint">{roles(me.role)}</p>
        </div>
        <MenuSeparator />
        <MenuLabel>{t('theme')}</MenuLabel>
        <MenuRadio
          value={chosen}
          onChange={(value) => setTheme(value as Theme)}
          options={themes.map((value) => ({ value, label: t(value) }))}
        />
        <MenuSeparator />
        {can('people.read') ? (
          <MenuItem onSelect={() => setShown('people')}>
            <Users />
            {t('people')}
          </MenuItem>
        ) : null}
        <MenuItem onSelect={() => setShown('keys')}>
          <KeyRound />
          {t('apiKeys')}
        </MenuItem>
        <MenuItem onSelect={() => void leave()}>
          <LogOut />
          {t('signOut')}
        </MenuItem>
      </Menu>
    </>
  )
}
