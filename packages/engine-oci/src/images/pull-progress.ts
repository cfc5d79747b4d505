import type { Progress } from '@flotilla/protocol'

/** Between two reports of the same step of the same layer. */
const intervalMs = 400

export interface LayerProgress {
  download(currentBytes: number): void
  unpack(currentBytes: number): void
  end(state: 'done' | 'skipped' | 'failed'): void
}

/** Reports layers to whoever watches the operation, each step of each layer a few times a second at most. */
export function layerProgress(report: (progress: Progress) => void, item: string, totalBytes: number): LayerProgress {
  const last = { download: 0, unpack: 0 }
  const current = { download: 0, unpack: 0 }
  const put = (step: 'download' | 'unpack', bytes: number) => {
    current[step] = bytes
    const now = performance.now()
    if (last[step] !== 0 && now - last[step] < intervalMs) return
    last[step] = now
    report({ step, item, state: 'running', currentBytes: bytes, ...(step === 'download' ? { totalBytes } : {}) })
  }
  report({ step: 'download', item, state: 'waiting', totalBytes })
  return {
    download: (bytes) => put('download', bytes),
    unpack: (bytes) => put('unpack', bytes),
    end(state) {
      report({
        step: 'download',
        item,
        state,
        currentBytes: state === 'done' ? totalBytes : current.download,
        totalBytes,
      })
      if (state !== 'skipped') report({ step: 'unpack', item, state, currentBytes: current.unpack })
    },
  }
}

/** A layer of a pull that gave back what it had, and will be taken again. */
export function layerHeld(report: (progress: Progress) => void, item: string, totalBytes: number): void {
  report({ step: 'download', item, state: 'waiting', totalBytes })
  report({ step: 'unpack', item, state: 'waiting' })
}
