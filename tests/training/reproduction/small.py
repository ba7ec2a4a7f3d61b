"""Reproductions that take seconds."""

from training.reproduction.settings import Experiment, Settings, Training

SETTINGS = Settings(
    preset="easy",
    patient_count=24,
    label_noise=0.3,
    experiments=(Experiment("CNN with augmentation", Training("cnn", True, epoch_count=2, input_px=16), 0.63),),
    shares=(0.0, 0.25, 0.5),
    fold_count=3,
    pooling=Training("cnn-gap", epoch_count=1, batch_size=8, input_px=16),
    pooling_shares=(0.0, 0.25),
)
