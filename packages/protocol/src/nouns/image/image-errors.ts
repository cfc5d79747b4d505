import { defineErrors } from '../../errors/define-errors.ts'
import { containerKind } from '../container/container-kind.ts'

/** Images and their layers. */
export const imageErrors = defineErrors({
  'image.inUse': {
    code: 'CONFLICT',
    sentence: 'The image is used by containers ({count}). Remove them first.',
    counts: { users: containerKind, of: 'image', uncounted: 'image.hasContainers' },
  },
  'image.hasContainers': { code: 'CONFLICT', sentence: 'Containers use the image. Remove them first.' },
  'image.inUseUnlessForced': {
    code: 'CONFLICT',
    sentence:
      'The image is used by containers ({count}). Remove them first, or remove the image by force to have it go with the last of them.',
    counts: { users: containerKind, of: 'image', uncounted: 'image.hasContainersUnlessForced' },
  },
  'image.hasContainersUnlessForced': {
    code: 'CONFLICT',
    sentence:
      'Containers use the image. Remove them first, or remove the image by force to have it go with the last of them.',
  },
  'image.noPlatform': { code: 'NOT_FOUND', sentence: 'The image has no version for {wanted}, only for {made}.' },
  'image.noPlatforms': { code: 'NOT_FOUND', sentence: 'The image has no version for {wanted}.' },
  'image.notFound': { code: 'NOT_FOUND', sentence: 'There is no image {ref} on this host. Pull it first.' },
  'image.ambiguousId': { code: 'CONFLICT', sentence: 'Several images begin with {ref}: {ids}. Give more of the id.' },
  'image.badDigest': { code: 'INVALID_ARGUMENT', sentence: 'That is not a sha256 digest.' },
  'image.badEntry': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'The image was refused: the entry {entry} of a layer {why}. Such an image is broken or hostile; do not use it.',
  },
  'image.layerTooLarge': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'The image was refused: a layer holds {what} unpacked. It may be a decompression bomb.',
  },
  'image.schema1': {
    code: 'UNSUPPORTED',
    sentence: "The registry has this image only in Docker's old schema 1 format. Push it again with a current tool.",
  },
  'image.twoThings': {
    code: 'INVALID_ARGUMENT',
    sentence: '{what} is an image and an index at once, so it was refused.',
  },
  'image.otherThing': {
    code: 'INVALID_ARGUMENT',
    sentence: '{what} is not what its field mediaType or the answer’s type says, so it was refused.',
  },
  'image.notContainer': {
    code: 'UNSUPPORTED',
    sentence: 'This is no container image: its config is of the type {type} (config.mediaType).',
  },
  'image.documentTooLarge': { code: 'INVALID_ARGUMENT', sentence: '{what} is larger than 4 MiB and was refused.' },
  'image.notJson': {
    code: 'INVALID_ARGUMENT',
    sentence: '{what} is not JSON. The image is broken; ask whoever made it.',
  },
  'image.noObject': {
    code: 'INVALID_ARGUMENT',
    sentence: '{what} is no JSON object. The image is broken; ask whoever made it.',
  },
  'image.notOci': {
    code: 'INVALID_ARGUMENT',
    sentence:
      '{what} does not follow the OCI image specification in its field {field}, so it was refused. Ask whoever made the image.',
  },
  'image.strangeDigest': {
    code: 'UNSUPPORTED',
    sentence:
      'The image index gives the digest {digest} (manifests.digest) for this platform; Flotilla knows sha256 alone.',
  },
  'image.badPlatform': { code: 'INVALID_ARGUMENT', sentence: 'A platform is written as linux/amd64 or linux/arm/v7.' },
  'image.badReference': {
    code: 'INVALID_ARGUMENT',
    sentence:
      '{reference} is not an image reference: {why}. Write it as nginx:1.27 or registry.example.com/team/app:tag.',
  },
  'image.badTar': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A layer of the image is no usable tar archive: {why}. It was refused.',
  },
  'image.pullCancelled': { code: 'CANCELLED', sentence: 'The pull was cancelled.' },
  'image.configTooLarge': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image config is larger than 4 MiB and was refused.',
  },
  'image.indexOfIndexes': {
    code: 'UNSUPPORTED',
    sentence: 'The image index points to another index, which Flotilla does not follow.',
  },
  'image.otherPlatform': { code: 'NOT_FOUND', sentence: 'The image is made for {made}, not for {wanted}.' },
  'image.layersDiffer': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'The image is broken: its manifest has {layers} layers, its config names {diffIds} in rootfs.diff_ids. Ask whoever made it.',
  },
  'image.badList': {
    code: 'INTERNAL',
    sentence: 'The list of images {path} cannot be read. Restore it, or move it away and pull the images again.',
  },
  'image.gone': { code: 'NOT_FOUND', sentence: 'The image is gone meanwhile.' },
  'image.layerGone': { code: 'NOT_FOUND', sentence: 'A layer of the image is gone. Pull the image again.' },
  'image.folderBroken': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image folder is broken: a file in it is not what its name says.',
  },
  'image.folderEmpty': { code: 'NOT_FOUND', sentence: 'The image folder holds no image.' },
  'image.folderOfIndexes': { code: 'UNSUPPORTED', sentence: 'The image folder holds an index of indexes.' },
  'image.folderDocumentTooLarge': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A document of the image folder is too large.',
  },
  'image.folderLacks': { code: 'NOT_FOUND', sentence: 'The image folder has no file {path}. Make it again.' },
  'image.manyLayers': {
    code: 'UNSUPPORTED',
    sentence: 'The image has {count} layers, more than can be mounted at once.',
  },
  'image.noOverlay': { code: 'UNSUPPORTED', sentence: 'The root file system could not be mounted with overlayfs.' },
  'image.diskFull': {
    code: 'RESOURCE_EXHAUSTED',
    sentence:
      "The host's disk is full. Nothing of the image was kept; remove images or containers that are not needed, or enlarge the disk.",
  },
  'image.bomb': {
    code: 'RESOURCE_EXHAUSTED',
    sentence:
      'The image was refused: a layer of {bytes} bytes unpacks to more than {ratio} times that. It may be a decompression bomb.',
  },
  'image.otherContent': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'The image is broken: a layer unpacks to other content than its config promises. Nothing of it was kept; ask whoever made it.',
  },
  'image.needsProgram': {
    code: 'UNSUPPORTED',
    sentence: 'Unpacking this image needs the program {program}. Install it on the host.',
  },
  'image.badLayer': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image is broken: a layer of it cannot be unpacked. Ask whoever made it.',
  },
  'image.nulInCommand': { code: 'INVALID_ARGUMENT', sentence: "A word of the image's command holds a NUL byte." },
  'image.badWorkingDir': {
    code: 'INVALID_ARGUMENT',
    sentence: "The image's working directory is no absolute path. Give one with the container.",
  },
  'image.noPlainFile': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'The {path} of the image is a pipe, a device, a folder or leads to one; a container needs a plain file there, or nothing.',
  },
  'image.folderForFile': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image has a folder at {path}, where each container has a file of its own.',
  },
  'image.fileTooLarge': { code: 'INVALID_ARGUMENT', sentence: "The image's {path} is larger than {bytes} bytes." },
  'image.badVolumes': {
    code: 'INVALID_ARGUMENT',
    sentence: "The image's volumes are not usable: too many, or with a NUL byte.",
  },
})
