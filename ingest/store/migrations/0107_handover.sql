-- What one shift leaves to the next: notes until somebody has done them, and who took over when.

CREATE TABLE handover_note (
  note_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT handover_note_pk PRIMARY KEY,
  site_id text NOT NULL CONSTRAINT handover_note_site_fk REFERENCES site,
  written_at timestamptz NOT NULL,
  written_by text NOT NULL,
  note text NOT NULL CONSTRAINT handover_note_says_something CHECK (length(note) BETWEEN 1 AND 2000),
  done_at timestamptz,
  done_by text,
  CONSTRAINT handover_note_done_by_somebody CHECK ((done_at IS NULL) = (done_by IS NULL))
);
CREATE INDEX handover_note_site_idx ON handover_note (site_id, written_at);

CREATE TABLE handover (
  site_id text NOT NULL CONSTRAINT handover_site_fk REFERENCES site,
  taken_at timestamptz NOT NULL,
  taken_by text NOT NULL,
  CONSTRAINT handover_pk PRIMARY KEY (site_id, taken_at, taken_by)
);

ALTER TABLE handover_note ENABLE ROW LEVEL SECURITY;
CREATE POLICY handover_note_of_reader ON handover_note USING (may_see_site(site_id));
ALTER TABLE handover ENABLE ROW LEVEL SECURITY;
CREATE POLICY handover_of_reader ON handover USING (may_see_site(site_id));
