r"""Alerts on their way to people: raised by the workers, logged per account, streamed to viewers.

raak worker: fold, sweep --> raak:{account}:alerts:log --> GET .../alerts/stream
                         \-> webhooks
"""
