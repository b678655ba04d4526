-- What whoever comes to a resident must know besides their needs: medication, and where the keys are. What the keys say
-- lets people in, so the log of changes keeps only that it was set or changed.

ALTER TABLE resident ADD COLUMN medication text NOT NULL DEFAULT '';
ALTER TABLE resident ADD COLUMN keys text NOT NULL DEFAULT '';

DROP TRIGGER resident_notes_change ON resident;
CREATE TRIGGER resident_notes_change AFTER INSERT OR UPDATE OR DELETE ON resident
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('resident', 'resident_id', 'keys');
CREATE INDEX registry_change_at_idx ON registry_change (at);
