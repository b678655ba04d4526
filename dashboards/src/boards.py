"""Every board, in the order of the folder."""

from __future__ import annotations

from dashboards.src import alarms_board, devices_board
from dashboards.src.panel import Board

BOARDS: tuple[Board, ...] = (alarms_board.BOARD, devices_board.BOARD)
