// Swaps a folder for a symbolic link that leads out, again and again, until it is killed: `FOLDER NAME OUTSIDE`.
import { mkdirSync, renameSync, symlinkSync } from 'node:fs'

const [, , folder = '', name = '', outside = ''] = process.argv
const real = `${folder}/${name}`
symlinkSync(outside, `${folder}/link`)
process.stdout.write('ready\n')
for (;;) {
  try {
    renameSync(real, `${folder}/aside`)
    renameSync(`${folder}/link`, real)
    renameSync(real, `${folder}/link`)
    renameSync(`${folder}/aside`, real)
  } catch {
    // Somebody removed one of them: both are made again.
    for (const again of [() => mkdirSync(real), () => symlinkSync(outside, `${folder}/link`)]) {
      try {
        again()
      } catch {
        // it is there
      }
    }
  }
}
