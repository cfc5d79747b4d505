-- CreateTable
CREATE TABLE "platform_operation" (
    "organisation_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "host_id" TEXT,
    "host_name" TEXT,
    "engine" TEXT,
    "actor_id" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "remote_address" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "holder" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "sealed" BYTEA,
    "error" JSONB,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "platform_operation_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "platform_operation_step" (
    "organisation_id" TEXT NOT NULL,
    "operation_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "host_id" TEXT,
    "host_name" TEXT,
    "engine" TEXT,
    "native_id" TEXT,
    "target" TEXT NOT NULL,
    "child_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "progress" JSONB NOT NULL DEFAULT '[]',
    "outcome" JSONB,
    "error" JSONB,
    "unacknowledged" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "platform_operation_step_pkey" PRIMARY KEY ("organisation_id","operation_id","position")
);

-- CreateIndex
CREATE INDEX "platform_operation_organisation_id_started_at_idx" ON "platform_operation"("organisation_id", "started_at");

-- CreateIndex
CREATE INDEX "platform_operation_state_idx" ON "platform_operation"("state");

-- CreateIndex
CREATE INDEX "platform_operation_step_unacknowledged_idx" ON "platform_operation_step"("unacknowledged");

-- AddForeignKey
ALTER TABLE "platform_operation_step" ADD CONSTRAINT "platform_operation_step_organisation_id_operation_id_fkey" FOREIGN KEY ("organisation_id", "operation_id") REFERENCES "platform_operation"("organisation_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;


