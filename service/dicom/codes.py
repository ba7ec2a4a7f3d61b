"""
The words of the structured report.

A probability is told as (111047, DCM, "Probability of cancer"), in percent: the standard has no probability of
metastasis, and a metastasis is cancer in the node; (122157, DCM, "Probability") does not say of what. Which cancer is
meant stands in a comment beside each.

The call is the evaluation (128462008, SCT, "Metastasis"): positive or negative, which speaks of a test and its
threshold, where "present" and "absent" would speak of the patient. A node without score is "Not Evaluated" and has no
probability: it must not look benign.

The finding is the lymph node that a reader marked, an anatomical structure. That it is a lesion is for the reader to
say.
"""

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from imaging.decision import Call

LYMPH_NODE = codes.SCT.LymphNode
ANATOMICAL_STRUCTURE = codes.SCT.AnatomicalStructure

PROBABILITY = codes.DCM.ProbabilityOfCancer
METASTASIS = codes.SCT.Metastasis
CALLS: dict[Call, Code] = {Call.METASTATIC: codes.SCT.Positive, Call.BENIGN: codes.SCT.Negative}
NOT_EVALUATED = codes.SCT.NotEvaluated

LONG_AXIS = codes.SCT.LongAxis
SHORT_AXIS = codes.SCT.ShortAxis
VOLUME = codes.SCT.Volume
ATTENUATION = codes.DCM.AttenuationCoefficient
MEAN = codes.SCT.Mean
STANDARD_DEVIATION = codes.SCT.StandardDeviation

PERCENT = codes.UCUM.Percent
MILLIMETER = codes.UCUM.Millimeter
CUBIC_MILLIMETER = codes.UCUM.CubicMillimeter
HOUNSFIELD_UNIT = codes.UCUM.HounsfieldUnit
NO_UNITS = codes.UCUM.NoUnits

GRAD_CAM = codes.DCM.GradientWeightedClassActivation
ARTIFICIAL_INTELLIGENCE = codes.DCM.ArtificialIntelligence
MORPHOLOGICAL_OPERATIONS = codes.DCM.MorphologicalOperations
PROCESSING_EQUIPMENT = codes.DCM.ProcessingEquipment
COMMENT = codes.DCM.Comment
DEVICE = codes.DCM.Device
CT_OF_ANY_REGION = codes.LN.CTUnspecifiedBodyRegion
