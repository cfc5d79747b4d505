'use client'

import type { Permission } from '@flotilla/protocol'
import { Button, Tooltip, type ButtonProps } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useSession } from './session.tsx'

/** Why somebody may not do a thing; null where they may. */
export function usePermissionReason(): (permission: Permission) => string | null {
  const t = useTranslations('permissions')
  const roles = useTranslations('roles')
  const { me, can } = useSession()
  return (permission) => (can(permission) ? null : t('lacking', { role: roles(me.role), permission }))
}

/** A button that says why it cannot be used rather than failing when it is. */
export function GuardedButton({
  permission,
  reason,
  onClick,
  ...props
}: ButtonProps & { permission?: Permission; reason?: string | null | undefined }) {
  const permissionReason = usePermissionReason()
  const why = (permission ? permissionReason(permission) : null) ?? reason ?? null
  if (why === null) return <Button {...(onClick ? { onClick } : {})} {...props} />
  return (
    <Tooltip text={why}>
      <Button {...props} aria-disabled onClick={(event) => event.preventDefault()} />
    </Tooltip>
  )
}
