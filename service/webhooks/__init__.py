r"""Webhooks: changes of alerts, pushed to addresses that the bank has listed.

fold step --> raak:webhooks:waiting --> raak:webhooks:due:<address> --> send --> 2xx
                       ^                                                 |
                       '-------------------- back off -------------------+--> raak:webhooks:dead
"""
