select
    model_card_note_id,
    model_version,
    kind,
    note_order,
    note
from rpt_model_card_note
order by model_card_note_id
