"""Reading what wrk and hey print; a run in which something failed is no measurement."""

from __future__ import annotations

import pytest

from bench.serving.load import Load, read_hey, read_wrk

WRK = """Running 4s test @ http://127.0.0.1:8000/
  2 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.40ms    1.21ms  40.11ms   94.50%
    Req/Sec     6.21k   512.11     7.02k    71.25%
  Latency Distribution
     50%    1.21ms
     75%    1.49ms
     90%  980.00us
     99%    1.02s
  49487 requests in 4.01s, 60.12MB read
Requests/sec:  12340.75
Transfer/sec:     14.99MB
"""

HEY = """
Summary:
  Total:	4.0012 secs
  Requests/sec:	3999.5123

Latency distribution:
  10% in 0.0004 secs
  50% in 0.0007 secs
  99% in 0.0031 secs

Status code distribution:
  [200]	16003 responses
"""


def test_wrks_units_all_become_milliseconds() -> None:
    assert read_wrk(WRK) == Load(12340.75, 1.21, 1020.0)


def test_heys_seconds_become_milliseconds() -> None:
    read = read_hey(HEY)
    assert read.rate == 3999.5123
    assert (read.p50_ms, read.p99_ms) == pytest.approx((0.7, 3.1))


@pytest.mark.parametrize("trouble", ["  Non-2xx or 3xx responses: 3\n", "  Socket errors: connect"])
def test_a_wrk_run_with_failures_is_no_measurement(trouble: str) -> None:
    with pytest.raises(RuntimeError, match="not every request"):
        read_wrk(WRK + trouble)


@pytest.mark.parametrize(
    "trouble", ["  [503]	1 responses\n", "Error distribution:\n  [1] EOF\n"]
)
def test_a_hey_run_with_failures_is_no_measurement(trouble: str) -> None:
    with pytest.raises(RuntimeError, match="not every request"):
        read_hey(HEY + trouble)
