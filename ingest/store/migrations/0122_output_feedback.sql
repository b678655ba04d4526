-- Which device says that an output has moved, by which signal, and within how long.

ALTER TABLE output
  ADD COLUMN feedback_device_id text,
  ADD COLUMN feedback_signal text NOT NULL DEFAULT '',
  ADD COLUMN feedback_on boolean NOT NULL DEFAULT true,
  ADD COLUMN feedback_s double precision NOT NULL DEFAULT 15
    CONSTRAINT output_feedback_s_range CHECK (feedback_s BETWEEN 1 AND 600),
  ADD CONSTRAINT output_feedback_whole CHECK ((feedback_device_id IS NULL) = (feedback_signal = '')),
  ADD CONSTRAINT output_feedback_device_fk FOREIGN KEY (feedback_device_id, site_id)
    REFERENCES device (device_id, site_id);
