from commonweal.vault.surveys.models.draft import SurveyDraft
from commonweal.vault.surveys.models.form import Form
from commonweal.vault.surveys.models.response import SurveyResponse

__all__ = ["Form", "SurveyDraft", "SurveyResponse"]
