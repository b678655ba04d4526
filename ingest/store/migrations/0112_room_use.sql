-- What a room is used for, where somebody said so: some rules are about bathrooms only.

ALTER TABLE room ADD COLUMN use text
  CONSTRAINT room_use_known CHECK (use IN ('bedroom', 'bathroom', 'kitchen', 'living', 'corridor', 'other'));
