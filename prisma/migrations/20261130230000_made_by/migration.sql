-- Who made people, keys and join tokens, and by which keys it came to that. Of what is there already nobody knows.
ALTER TABLE "membership" ADD COLUMN "created_by" TEXT, ADD COLUMN "created_by_key" TEXT, ADD COLUMN "via_keys" TEXT[] DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "api_key" ADD COLUMN "created_by" TEXT, ADD COLUMN "created_by_key" TEXT, ADD COLUMN "via_keys" TEXT[] DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "join_token" ADD COLUMN "created_by_key" TEXT, ADD COLUMN "via_keys" TEXT[] DEFAULT ARRAY[]::TEXT[];
