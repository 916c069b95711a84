r"""The learning loop's online half: events in, folded into accounts, and written to the event log.

POST /v1/events --> raak:events --> fold --> raak:{account}:state
                                \-> log  --> day=.../bucket=.../*.parquet
"""
