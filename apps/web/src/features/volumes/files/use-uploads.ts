'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { errorCode } from '../../../data/error.ts'
import { upload } from './content.ts'
import { joinPath } from './file-path.ts'

export interface UploadState {
  id: number
  name: string
  folder: string
  file: File
  doneBytes: number
  /** `there`: a file of that name is there already, and somebody has to say whether it goes. */
  state: 'waiting' | 'running' | 'done' | 'there' | 'failed'
  error: unknown
}

/** Files on their way to a volume, one after another, for its whole page: those under way end when that is left. */
export function useUploads(volume: string, onDone: () => void) {
  const [uploads, setUploads] = useState<readonly UploadState[]>([])
  const next = useRef(1)
  const queue = useRef<{ id: number; folder: string; file: File; overwrite: boolean }[]>([])
  const running = useRef<{ id: number; abort: AbortController } | null>(null)
  const change = useCallback((id: number, patch: Partial<UploadState>) => {
    setUploads((before) => before.map((each) => (each.id === id ? { ...each, ...patch } : each)))
  }, [])
  const drain = useCallback(async () => {
    if (running.current !== null) return
    for (let job = queue.current.shift(); job; job = queue.current.shift()) {
      const { id, folder, file, overwrite } = job
      const abort = new AbortController()
      running.current = { id, abort }
      change(id, { state: 'running', error: null })
      const onProgress = (doneBytes: number) => change(id, { doneBytes })
      const path = joinPath(folder, file.name)
      try {
        await upload({ volume, path, file, overwrite, onProgress, signal: abort.signal })
        change(id, { state: 'done', doneBytes: file.size })
        onDone()
      } catch (error) {
        change(id, { state: errorCode(error) === 'ALREADY_EXISTS' ? 'there' : 'failed', error })
      }
      running.current = null
    }
  }, [volume, onDone, change])
  useEffect(
    () => () => {
      queue.current = []
      running.current?.abort.abort()
    },
    [],
  )
  const begin = (jobs: typeof queue.current) => {
    queue.current.push(...jobs)
    void drain()
  }
  const add = (folder: string, files: readonly File[]) => {
    const jobs = files.map((file) => ({ id: next.current++, folder, file, overwrite: false }))
    const shown = jobs.map(({ id, file }): UploadState => {
      return { id, name: file.name, folder, file, doneBytes: 0, state: 'waiting', error: null }
    })
    setUploads((before) => [...before.filter(({ state }) => state !== 'done'), ...shown])
    begin(jobs)
  }
  const replace = ({ id, folder, file }: UploadState) => {
    change(id, { state: 'waiting', doneBytes: 0 })
    begin([{ id, folder, file, overwrite: true }])
  }
  const drop = (id: number) => {
    queue.current = queue.current.filter((job) => job.id !== id)
    if (running.current?.id === id) running.current.abort.abort()
    setUploads((before) => before.filter((each) => each.id !== id))
  }
  return { uploads, add, replace, drop }
}
