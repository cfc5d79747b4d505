'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Button } from '@flotilla/ui'
import { Archive, FolderPlus, FolderUp, RotateCw, Upload } from 'lucide-react'
import { Fragment, useRef, type ChangeEvent, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../../data/guarded-button.tsx'
import { volumeName } from '../../../format/volume-name.ts'
import { useUrlState } from '../../../navigation/url-state.ts'
import { SearchBox } from '../../../table/search-box.tsx'
import { contentAddress } from './content.ts'
import { foldersOn, shownPath } from './file-path.ts'

/** Where one is in the volume, and what can be done to the folder. */
export function FolderBar(props: {
  volume: FleetVolume
  path: string
  count: ReactNode
  /** Part of the names that are shown. */
  search: string
  onSearch: (search: string) => void
  onReload: () => void
  onNewFolder: () => void
  onFiles: (files: readonly File[]) => void
}) {
  const t = useTranslations('volumeFiles')
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <div className="flex min-w-0 flex-1 items-center gap-2 max-sm:basis-full">
        <Crumbs top={volumeName(props.volume)} path={props.path} />
        <Button
          size="icon"
          kind="ghost"
          className="max-sm:ml-auto"
          aria-label={t('reload')}
          title={t('reload')}
          onClick={props.onReload}
        >
          <RotateCw />
        </Button>
      </div>
      <SearchBox value={props.search} label={t('search')} onChange={props.onSearch} />
      <span className="text-xs text-muted tabular-nums max-sm:hidden" role="status">
        {props.count}
      </span>
      <div className="ml-auto flex gap-2">
        <Button asChild size="icon">
          <a
            href={contentAddress(props.volume.id, props.path, 'tar')}
            download
            aria-label={t('downloadFolder')}
            title={t('downloadFolder')}
          >
            <Archive />
          </a>
        </Button>
        <GuardedButton
          permission="volumes.files.write"
          onClick={props.onNewFolder}
          aria-label={t('newFolder')}
          title={t('newFolder')}
        >
          <FolderPlus />
          <span className="max-sm:hidden">{t('newFolder')}</span>
        </GuardedButton>
        <UploadButtons onFiles={props.onFiles} />
      </div>
    </div>
  )
}

/** Files or a whole folder are chosen; the browser has no choice of both at once. */
function UploadButtons({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const t = useTranslations('volumeFiles')
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const shared = {
    ...{ type: 'file', multiple: true, hidden: true },
    onChange: ({ target }: ChangeEvent<HTMLInputElement>) => {
      onFiles([...(target.files ?? [])])
      target.value = ''
    },
  }
  return (
    <>
      <GuardedButton
        size="icon"
        permission="volumes.files.write"
        onClick={() => folder.current?.click()}
        aria-label={t('uploadFolder')}
        title={t('uploadFolder')}
      >
        <FolderUp />
      </GuardedButton>
      <GuardedButton kind="primary" permission="volumes.files.write" onClick={() => files.current?.click()}>
        <Upload />
        {t('upload')}
      </GuardedButton>
      <input ref={files} aria-label={t('uploadFiles')} {...shared} />
      <input ref={folder} aria-label={t('folderToUpload')} {...shared} {...{ webkitdirectory: '' }} />
    </>
  )
}

function Crumbs({ top, path }: { top: string; path: string }) {
  const t = useTranslations('volumeFiles')
  const { go } = useUrlState()
  const folders = [{ name: top, path: '' }, ...foldersOn(path)]
  return (
    <nav aria-label={t('where')} className="-ml-1 min-w-0">
      <ol className="flex flex-wrap items-center gap-1 font-mono text-xs">
        {folders.map((folder, index) => (
          <Fragment key={folder.path}>
            {index > 0 ? (
              <li aria-hidden className="text-faint">
                /
              </li>
            ) : null}
            <li className="max-w-48 min-w-0">
              {folder.path === path ? (
                <span aria-current="page" className="block truncate px-1 font-medium" title={shownPath(folder.name)}>
                  <bdi>{shownPath(folder.name)}</bdi>
                </span>
              ) : (
                <button
                  type="button"
                  onClick={() => go({ path: folder.path, q: null })}
                  title={shownPath(folder.name)}
                  className="block max-w-full truncate rounded-sm px-1 text-muted hover:text-fg hover:underline focus-visible:outline-2 focus-visible:outline-accent"
                >
                  <bdi>{shownPath(folder.name)}</bdi>
                </button>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}
