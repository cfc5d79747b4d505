-- CreateTable
CREATE TABLE "platform_object" (
    "organisation_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "row" JSONB NOT NULL,
    "detail" JSONB,
    "unique_name" TEXT,
    "revision" BIGINT NOT NULL DEFAULT 1,
    "operation_id" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "platform_object_pkey" PRIMARY KEY ("organisation_id","kind","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "platform_object_organisation_id_kind_unique_name_key" ON "platform_object"("organisation_id", "kind", "unique_name");

-- AddForeignKey
ALTER TABLE "platform_object" ADD CONSTRAINT "platform_object_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

