'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Button, copyText, Menu, MenuItem, MenuSeparator, toast } from '@flotilla/ui'
import { Copy, MoreHorizontal, Play, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { usePermissionReason } from '../../data/guarded-button.tsx'
import { imageName } from './image-name.ts'

/** Where the form of a new container begins with an image. */
export function runHref(image: FleetImage): string {
  const query = new URLSearchParams({ image: imageName(image), host: image.hostId, engine: image.engine })
  return `/containers/new?${query.toString()}`
}

/** All that can be done to one image. What cannot says why when it is chosen. */
export function ImageMenu(props: {
  image: FleetImage
  open?: boolean
  onOpenChange?: (open: boolean) => void
  onRemove: () => void
}) {
  const t = useTranslations('images')
  const common = useTranslations('common')
  const router = useRouter()
  const permission = usePermissionReason()
  const { image } = props
  const away = image.stale ? (image.staleReason ?? t('stale', { host: image.hostName })) : null
  const copy = async () => {
    const done = await copyText(image.references[0] ?? image.imageId)
    toast(done ? 'ok' : 'bad', common(done ? 'copied' : 'copyFailed'))
  }
  const guarded = (title: string, why: string | null, act: () => void) => ({
    className: why ? 'opacity-60' : '',
    title: why ?? undefined,
    onSelect: () => (why ? toast('warn', title, why) : act()),
  })
  return (
    <Menu
      align="end"
      {...(props.open === undefined ? {} : { open: props.open })}
      {...(props.onOpenChange ? { onOpenChange: props.onOpenChange } : {})}
      trigger={
        <Button
          kind="ghost"
          size="icon-sm"
          className="-mr-1.5"
          aria-label={t('actionsFor', { name: imageName(image) })}
          tabIndex={-1}
        >
          <MoreHorizontal />
        </Button>
      }
    >
      <MenuItem {...guarded(t('run'), permission('containers.create') ?? away, () => router.push(runHref(image)))}>
        <Play />
        {t('run')}
      </MenuItem>
      <MenuItem onSelect={() => void copy()}>
        <Copy />
        {common('copy')}
      </MenuItem>
      <MenuSeparator />
      <MenuItem danger {...guarded(t('remove'), permission('images.remove') ?? away, props.onRemove)}>
        <Trash2 />
        {t('remove')}
      </MenuItem>
    </Menu>
  )
}
