-- A channel that its provider says has ended for good (a browser that gave its subscription up) counts no more and stays
-- on the list with the reason, until it is put on anew or a test message over it is answered.

ALTER TABLE reach ADD COLUMN ended_at timestamptz;
ALTER TABLE reach ADD COLUMN ended_reason text NOT NULL DEFAULT '';
