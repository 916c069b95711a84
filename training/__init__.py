"""The offline shell: tables, snapshots, LightFM, evaluation, reports."""
