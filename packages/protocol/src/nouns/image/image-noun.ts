import { z } from 'zod'
import { wholeReference } from './image-reference.ts'
import { imagePermissions } from './image-permissions.ts'
import { imageView } from './image-view.ts'
import { Image, ImageDetail, ImageRef, ImageRemoval, PullInput } from './image.ts'
import { cutNames, cutText } from '../../cut-row.ts'
import { unary } from '../../method.ts'
import { defineNoun } from '../../noun.ts'
import { Version } from '../../version.ts'
import { containerKind } from '../container/container-kind.ts'

const target = { kind: 'image', field: 'id' } as const

const methods = {
  list: unary(z.object({}), z.array(Image), { permission: 'images.read' }),
  inspect: unary(z.object({ id: ImageRef }), ImageDetail, {
    permission: 'images.read',
    target,
    rest: { method: 'GET', path: '/images/{id}', summary: 'Everything about one image' },
  }),
  /** Answers when the image is there; its layers are reported as progress of the operation. */
  pull: unary(PullInput, z.object({ image: Image, version: Version.optional() }), {
    permission: 'images.pull',
    change: true,
    fills: true,
    answers: 'row',
    many: true,
    causes: ['pull'],
    title: ({ reference }) => reference,
    rest: {
      method: 'POST',
      path: '/hosts/{hostId}/images/pull',
      summary: 'Pull an image; answers when it is there',
    },
  }),
  /** A reference is untagged; an id goes with all its references. In use: CONFLICT unless nothing needs it. */
  remove: unary(z.object({ id: ImageRef, force: z.boolean().default(false) }), ImageRemoval, {
    permission: 'images.remove',
    change: true,
    target,
    many: true,
    answers: { gone: ({ deleted }) => (deleted === null ? [] : [deleted]) },
    causes: ['delete', 'untag'],
    title: ({ id }) => id,
    rest: { method: 'DELETE', path: '/images/{id}', summary: 'Remove or untag an image' },
  }),
}

export const imageNoun = defineNoun({
  kind: 'image',
  plural: 'images',
  held: 'watched',
  row: Image,
  detail: ImageDetail,
  view: imageView,
  permissions: imagePermissions,
  spelt: wholeReference,
  methods,
  shortened: (row) => ({
    ...row,
    references: cutNames(row.references),
    digests: cutNames(row.digests),
    usedBy: cutNames(row.usedBy),
    architecture: cutText(row.architecture),
    os: cutText(row.os),
  }),
  /** How many containers use it is said, not which: `containers.list` tells those, page by page. */
  hides: ['usedBy'],
  adds: {
    shape: { imageId: z.string(), containerCount: z.number().int().nonnegative() },
    of: ({ id }, { users }) => ({ imageId: id, containerCount: users(containerKind) }),
  },
})

/** An image with the platform's id; `imageId` is its digest. */
export const FleetImage = imageNoun.fleet
export type FleetImage = z.infer<typeof FleetImage>
