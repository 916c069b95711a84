r"""The decision log: what was shown to whom, from which inputs, so that it can be made again.

answers --> raak:decisions --> writer --> day=.../*.parquet, versions/*.bundle
(API, with the next round trip)      \-> chain.jsonl: each file's hash, chained to the one before
                                      \-> pseudonyms.sqlite: the only file that erasure touches
"""
