"""What comes out of the desk's loudspeaker, recorded behind the page's own audio graph."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page, expect

from alarms.lifecycle.alarm import Priority, Response
from ingest.registry.model import Site
from tests.console_desk import Desk, FakeEngine, a_registry, an_alarm

LONGEST_S = 5.0
_SLACK_S = 0.1  # a window of the listening
_RECORD = """() => {
  const { context, analyser } = window.anxin.sound;
  const out = context.createMediaStreamDestination();
  analyser.connect(out);
  // what nobody can hear, so that silence is recorded too
  const hum = context.createOscillator(), low = context.createGain();
  low.gain.value = 0.001;
  hum.connect(low).connect(out);
  hum.start();
  window.recorder = new MediaRecorder(out.stream);
  window.recorded = [];
  window.recorder.ondataavailable = ({ data }) => window.recorded.push(data);
  window.recorder.start();
}"""
# the seconds at which something begins to be heard after silence, and for how long something was recorded
_HEARD = """async () => {
  await new Promise((done) => { window.recorder.onstop = done; window.recorder.stop(); });
  const bytes = await new Blob(window.recorded).arrayBuffer();
  const sound = await window.anxin.sound.context.decodeAudioData(bytes);
  const samples = sound.getChannelData(0);
  const step = Math.round(sound.sampleRate * 0.05);
  const begins = [];
  let quiet = 99;
  for (let at = 0; at < samples.length; at += step) {
    const isLoud = samples.subarray(at, at + step).some((one) => Math.abs(one) > 0.02);
    if (isLoud && quiet >= 10) begins.push(at / sound.sampleRate);
    quiet = isLoud ? 0 : quiet + 1;
  }
  return { begins, seconds: sound.duration };
}"""


def _wall(browser: Browser, desk: Desk, priority: Priority) -> Page:
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(desk.login_link())
    page.goto(f"{desk.url}/wall?site={priority}")
    expect(page.locator(".tile")).to_have_count(1)
    return page


def test_each_urgency_is_heard_again_within_five_seconds_until_somebody_takes_it(
    browser: Browser, desk: Desk, engine: FakeEngine
) -> None:
    sites = tuple(Site(site_id=one, name=one, shard=n) for n, one in enumerate(Priority))
    desk.change_registry(a_registry(sites=(*a_registry().sites, *sites)))
    for priority in Priority:
        alarm = an_alarm(priority, priority=priority)
        engine.tell(replace(alarm, identity=replace(alarm.identity, site_id=priority)))
    walls = {priority: _wall(browser, desk, priority) for priority in Priority}
    for priority, page in walls.items():
        page.wait_for_function("name => window.anxin.sound.playing === name", arg=str(priority))
        page.evaluate(_RECORD)
    page.wait_for_timeout(3.3 * LONGEST_S * 1000)  # the audio thread's own time
    for priority, page in walls.items():
        heard: dict[str, Any] = page.evaluate(_HEARD)  # Any: seconds
        times = [0.0, *heard["begins"], heard["seconds"]]
        assert len(times) > 4, (priority, heard)
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert max(gaps) <= LONGEST_S + _SLACK_S, (priority, heard)
        engine.tell(replace(engine.alarms[priority], version=2, response=Response.ATTENDED))
    for page in walls.values():
        page.wait_for_function("() => window.anxin.sound.playing === null")
        page.evaluate(_RECORD)
    page.wait_for_timeout(1.2 * LONGEST_S * 1000)
    for priority, page in walls.items():
        assert page.evaluate(_HEARD)["begins"] == [], f"{priority} still sounds"
        page.context.close()
