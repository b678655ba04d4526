-- When it was last said that a resident is away, and when signs of life ended that (until somebody says what is true).

ALTER TABLE resident ADD COLUMN away_at timestamptz;
ALTER TABLE resident ADD COLUMN back_at timestamptz;
UPDATE resident SET away_at = now() WHERE away;
