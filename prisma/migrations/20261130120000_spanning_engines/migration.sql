-- DropForeignKey
ALTER TABLE "fleet_object" DROP CONSTRAINT "fleet_object_host_id_fkey";

-- AlterTable: what hosts have keeps its holder, which was the host
ALTER TABLE "fleet_object" ADD COLUMN     "holder_id" TEXT,
ADD COLUMN     "spanning_engine_id" TEXT;
UPDATE "fleet_object" SET "holder_id" = "host_id";
ALTER TABLE "fleet_object" DROP CONSTRAINT "fleet_object_pkey";
ALTER TABLE "fleet_object" ALTER COLUMN "holder_id" SET NOT NULL,
ALTER COLUMN "host_id" DROP NOT NULL,
ADD CONSTRAINT "fleet_object_pkey" PRIMARY KEY ("holder_id", "kind", "engine", "native_id");

-- CreateTable
CREATE TABLE "spanning_engine" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "spanning_engine_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "engine_agent" (
    "engine_id" TEXT NOT NULL,
    "host_id" TEXT NOT NULL,
    "allowed" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "engine_agent_pkey" PRIMARY KEY ("engine_id","host_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "spanning_engine_organisation_id_identity_key" ON "spanning_engine"("organisation_id", "identity");

-- CreateIndex
CREATE INDEX "engine_agent_host_id_idx" ON "engine_agent"("host_id");

-- CreateIndex
CREATE INDEX "fleet_object_host_id_idx" ON "fleet_object"("host_id");

-- CreateIndex
CREATE INDEX "fleet_object_spanning_engine_id_idx" ON "fleet_object"("spanning_engine_id");

-- AddForeignKey
ALTER TABLE "fleet_object" ADD CONSTRAINT "fleet_object_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fleet_object" ADD CONSTRAINT "fleet_object_spanning_engine_id_fkey" FOREIGN KEY ("spanning_engine_id") REFERENCES "spanning_engine"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "spanning_engine" ADD CONSTRAINT "spanning_engine_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "engine_agent" ADD CONSTRAINT "engine_agent_engine_id_fkey" FOREIGN KEY ("engine_id") REFERENCES "spanning_engine"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "engine_agent" ADD CONSTRAINT "engine_agent_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;
