-- The routine of residents: what each day was like, and notes about what has changed. Never alarms, never the registry's.

-- A day from 06:00 to 06:00 of the next, local time. NULL: not known, and never the same as none.
CREATE TABLE routine_day (
  resident_id text NOT NULL CONSTRAINT routine_day_resident_fk REFERENCES resident ON DELETE CASCADE,
  day date NOT NULL,
  drawn_at timestamptz NOT NULL,
  sensors int[] NOT NULL,
  heard_h real,
  night_up real,
  visits_day real,
  visits_night real,
  morning_h real,
  afternoon_h real,
  evening_h real,
  temp_low_c real,
  temp_median_c real,
  temp_h real,
  cold_h real,
  cooker_left_min real,
  CONSTRAINT routine_day_pk PRIMARY KEY (resident_id, day)
);
CREATE INDEX routine_day_day_idx ON routine_day (day);

CREATE TABLE routine_note (
  resident_id text NOT NULL CONSTRAINT routine_note_resident_fk REFERENCES resident ON DELETE CASCADE,
  kind text NOT NULL
    CONSTRAINT routine_note_kind_known CHECK (kind IN ('night', 'bathroom', 'cold', 'cooker', 'decline')),
  since date NOT NULL,
  seen date NOT NULL,
  until date,
  begun_at timestamptz NOT NULL,
  sure text NOT NULL CONSTRAINT routine_note_sure_known CHECK (sure IN ('likely', 'clear')),
  now real NOT NULL,
  usual real,
  detail real,
  bound real,
  CONSTRAINT routine_note_pk PRIMARY KEY (resident_id, kind, since),
  CONSTRAINT routine_note_in_order CHECK (since <= seen AND (until IS NULL OR seen <= until))
);
CREATE UNIQUE INDEX routine_note_one_goes_on ON routine_note (resident_id, kind) WHERE until IS NULL;

ALTER TABLE routine_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY routine_day_of_reader ON routine_day USING (may_see_resident(resident_id));
ALTER TABLE routine_note ENABLE ROW LEVEL SECURITY;
CREATE POLICY routine_note_of_reader ON routine_note USING (may_see_resident(resident_id));

-- Boards see which notes there are and where, not whose.
CREATE VIEW g.routine_note WITH (security_barrier) AS
  SELECT resident.site_id, site.site, room.name AS room, note.kind, note.sure, note.since, note.seen, note.until, note.now,
         note.usual
    FROM public.routine_note AS note
    JOIN public.resident AS resident ON resident.resident_id = note.resident_id
    JOIN g.site AS site ON site.site_id = resident.site_id
    LEFT JOIN public.room AS room ON room.room_id = resident.room_id;
