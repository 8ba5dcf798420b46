from commonweal.vault.surveys.models.draft import SurveyDraft
from commonweal.vault.surveys.models.form import Form
from commonweal.vault.surveys.models.response import SurveyResponse
from commonweal.vault.surveys.models.safety import SafetyCase, SafetySignal, SafetyStep

__all__ = ["Form", "SafetyCase", "SafetySignal", "SafetyStep", "SurveyDraft", "SurveyResponse"]
