-- AlterTable
ALTER TABLE "host" ADD COLUMN     "cordon_reason" TEXT,
ADD COLUMN     "cordoned_at" TIMESTAMPTZ(3),
ADD COLUMN     "cordoned_by" TEXT,
ADD COLUMN     "groups" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "labels" JSONB NOT NULL DEFAULT '{}';

